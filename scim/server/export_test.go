package server

// Routes are "METHOD pattern" of all that there is.
func Routes() (all []string) {
	for _, r := range routes {
		for method := range r.verbs {
			all = append(all, method+" "+r.pattern)
		}
	}
	return all
}
