package console

import "scimgate/cmd/scimgate/admin"

// part is the page of a list that the address asks for, and the id after which the next
// one goes on; "" where that is all. Where the list has changed it begins again.
func part[T any](v *visit, all []T, limit int, id func(T) string) (shown []T, next string) {
	shown, more, err := admin.PageOf(all, admin.Page{After: v.r.URL.Query().Get("after"), Limit: limit}, id)
	if err != nil {
		shown, more = all[:min(limit, len(all))], limit < len(all)
	}
	if more {
		next = id(shown[len(shown)-1])
	}
	return shown, next
}
