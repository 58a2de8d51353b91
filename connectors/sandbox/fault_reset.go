package sandbox

import "net"

// reset ends the connection with a reset (RST), as a process that dies does.
func reset(a arguments) behaviour {
	return func(s strike) {
		if a["when"] == "after" {
			s.apply()
		}
		s.hangUp(func(socket *net.TCPConn) error { return socket.SetLinger(0) })
	}
}
