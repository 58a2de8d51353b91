// Package delivery brings each account to what the directory holds.
package delivery
