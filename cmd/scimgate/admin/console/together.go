package console

import "golang.org/x/sync/errgroup"

// atOnce is how many rows of a page are looked up at the same time. Where the store is
// another machine's, a page of fifty would else wait fifty times for it.
const atOnce = 16

// together looks each of all up, and returns what was found in their order; or the
// first error. look is called concurrently.
func together[S, T any](all []S, look func(S) (T, error)) ([]T, error) {
	found := make([]T, len(all))
	group := new(errgroup.Group)
	group.SetLimit(atOnce)
	for i, one := range all {
		group.Go(func() (err error) {
			found[i], err = look(one)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return found, nil
}
