// Package demo shows the whole product on a laptop: a gateway with a tenant, a
// sandbox account behind it, and Entra's own sequence played through both, with
// nothing installed. It is wiring and words; everything it shows is the product.
package demo
