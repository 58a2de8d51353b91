package directory

import (
	"errors"
	"fmt"
	"testing"

	"scimgate/scim"
)

// Who has no time for a store's whole bound asks for a lower one, by an index or
// without.
func TestExamine(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for i := range 6 {
			create(t, s, acme, user(t, newID(), fmt.Sprintf("u%d@example.com", i), `,"title":"Clerk","externalId":"x"`))
		}
		for _, filter := range []string{`userName sw "u"`, `title eq "Clerk"`, `externalId eq "x"`, `title pr or userName sw "u"`, `not (title eq "x")`} {
			for most, fits := range map[int]bool{0: true, 6: true, 5: false} {
				page, err := s.List(t.Context(), acme, Query{Kind: "User", Filter: bound(t, filter), StartIndex: 1, Count: 10, Examine: most})
				refused := new(scim.Error)
				if fits && (err != nil || page.Total != 6) || !fits && (!errors.As(err, &refused) || refused.Type != scim.TooMany) {
					t.Errorf("%s within %d: %+v, %v", filter, most, page, err)
				}
			}
		}
	})
}
