package tenant

import (
	"context"
	"errors"
)

// What is kept of a tenant as one document beside it (its ledger, its tally, what left
// an account, a note) has a version, which is 0 while there is none, and is changed by
// an edit of its bytes.
type (
	// documentEdit makes the next document of what is stored, nil at first; it may be
	// called several times. Its error changes nothing.
	documentEdit func(was []byte) (next []byte, save bool, err error)
	// loadDocument reads the document and its version.
	loadDocument func() (version int64, doc []byte, err error)
	// swapDocument stores the next version if nobody else did, and reports whether it
	// has.
	swapDocument func(next int64, doc []byte) (won bool, err error)
)

// editDocument edits a document over a store that can load it and can swap it for its
// successor. ErrConflict after too many races.
func editDocument(ctx context.Context, edit documentEdit, load loadDocument, swap swapDocument) error {
	_, err := race(ctx, func() (none struct{}, won bool, err error) {
		version, doc, err := load()
		if err != nil {
			return none, false, err
		}
		next, save, err := edit(doc)
		if err != nil || !save {
			return none, err == nil, err
		}
		won, err = swap(version+1, next)
		return none, won, err
	})
	return err
}

// absent turns ErrNotFound into "there is nothing yet".
func absent(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
