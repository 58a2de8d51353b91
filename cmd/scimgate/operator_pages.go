package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
)

// items is a list of the API.
type items[T any] struct {
	Items []T `json:"items"`
}

// atOnce is how many the API shows at a time, at most.
const atOnce = 500

// allOf reads a list that goes on after the id of its last one, page after page.
func allOf[T any](ctx context.Context, o *operator, path string, id func(T) string) (items[T], error) {
	all := items[T]{Items: []T{}}
	for after := ""; ; after = id(all.Items[len(all.Items)-1]) {
		var page items[T]
		query := url.Values{"limit": {strconv.Itoa(atOnce)}, "after": {after}}
		if err := o.call(ctx, "GET", path+"?"+query.Encode(), nil, &page); err != nil {
			return all, err
		}
		all.Items = append(all.Items, page.Items...)
		if len(page.Items) < atOnce {
			return all, nil
		}
	}
}

// paged is a list of the API that tells where it goes on.
type paged[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// upTo reads of such a list as many as are wanted, limitOf at a time, and hints at what
// there is more.
func upTo[T any](ctx context.Context, o *operator, hints io.Writer, path string, query url.Values, want, limitOf int) (paged[T], error) {
	all := paged[T]{Items: []T{}, Next: query.Get("after")}
	for first := true; (first || all.Next != "") && len(all.Items) < want; first = false {
		query.Set("limit", strconv.Itoa(min(want-len(all.Items), limitOf)))
		query.Set("after", all.Next)
		var page paged[T]
		if err := o.call(ctx, "GET", path+"?"+query.Encode(), nil, &page); err != nil {
			return all, err
		}
		all.Items, all.Next = append(all.Items, page.Items...), page.Next
	}
	if all.Next != "" {
		_, _ = fmt.Fprintf(hints, "there is more: --after '%s'\n", all.Next)
	}
	return all, nil
}
