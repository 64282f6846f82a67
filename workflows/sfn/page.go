package sfn

// pageSize reads maxResults: 0 and absent mean 100.
func pageSize(r *request) int {
	if n := r.integer("maxResults", 0, 1000); n != 0 {
		return n
	}
	return 100
}

// pageToken reads nextToken, empty when absent. Whether it is one of ours is the
// engine's to say.
func pageToken(r *request, longest int) string {
	if token := r.text("nextToken", notEmpty, atMost(longest)); token != nil {
		return *token
	}
	return ""
}
