package sources

//go:generate go run ../gen generate
