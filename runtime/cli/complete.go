package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// completeSource completes the name of a source, then the keys of its
// configuration.
func (a *app) completeSource(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	if len(args) == 0 {
		for _, k := range a.Kinds {
			words = append(words, k.ServiceType+"\t"+k.About)
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
	for _, k := range a.Kinds {
		if !k.Is(args[0]) {
			continue
		}
		fields, err := richFields(k)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		for _, f := range sorted(fields) {
			words = append(words, f.name+"=\t"+f.Label)
		}
	}
	return without(words, args[1:]), cobra.ShellCompDirectiveNoSpace
}

// without leaves out the keys that are given already.
func without(words, given []string) []string {
	var left []string
	for _, w := range words {
		key, _, _ := strings.Cut(w, "=")
		used := false
		for _, g := range given {
			used = used || strings.HasPrefix(g, key+"=")
		}
		if !used {
			left = append(left, w)
		}
	}
	return left
}
