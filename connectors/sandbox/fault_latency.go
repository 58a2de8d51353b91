package sandbox

// latency keeps a request waiting. A client that gives up before is not served:
// what is served after the client has gone, late stands for.
func latency(a arguments) behaviour {
	return func(s strike) {
		s.keepBody()
		if s.wait(s.spread(a)) {
			s.pass()
			return
		}
		s.cut()
	}
}
