package postgresql

// Retain sets how many bytes of its log the server may keep.
func (s *Source) Retain(n int64) { s.retain = n }
