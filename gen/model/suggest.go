package model

import (
	"fmt"

	"github.com/tributary-search/tributary/runtime/schema"
)

// didYouMean returns a hint that names the candidate nearest to a word, or "".
func didYouMean(word string, candidates []string) string {
	return suggestion(schema.Suggest(word, candidates))
}

func suggestion(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", word)
}
