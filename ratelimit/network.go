package ratelimit

import "net/netip"

// Network is the neighbourhood of an address ("host:port"): who has one address has
// all of it. Bad credentials are charged to it.
func Network(address string) string {
	peer, err := netip.ParseAddrPort(address)
	if err != nil {
		return "unknown"
	}
	bits := 48
	addr := peer.Addr().Unmap()
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}
