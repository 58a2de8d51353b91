package sandbox

// noID creates, and keeps to itself under which id.
func noID(arguments) behaviour {
	return func(s strike) {
		a := s.apply()
		if doc := a.document(); doc != nil && a.ok() {
			a.header.Del("Location")
			doc.Delete("id")
			doc.Delete("meta") // holds the location
			a.say(doc)
		}
		a.send()
	}
}
