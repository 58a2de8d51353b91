// Package console is where people operate scimgate: pages under /console for
// operators, for each account's administrator, and for support. It shows what
// package admin knows and does what package admin does, by the same functions as
// the API.
//
// The way of a request: routes.go is the whole table of pages, and says of each
// who may; admit.go holds a visitor against it, before anything is read; a file
// named for the page answers; render.go writes it. A new page is one line in
// routes.go, one handler, one file in templates/, its words in texts/en.yaml.
//
//	sign-in: key or OIDC ─► session (a tenant.Pass, sealed) ─► cookie
//	invitation ──────────────┘
//
// Everything works without JavaScript but for copying and live updates. Every
// value of a resource is hostile: it goes through html/template as text, isolated
// from the words around it, and no page has inline script or style.
//
// What a delivery, a rule or a leniency means is left to the rooms below.
package console
