package model

import "math/big"

// Project is everything the emitters need: all declarations, free of
// problems, and what stands beside them.
type Project struct {
	// Module is the module's path as go.mod states it.
	Module string
	// Sources are all declarations, sorted by Dir.
	Sources []Source
	// Registry are the Dirs that config.yml lists under sources:, in the order
	// of their service types.
	Registry []string
	// Readmes are the hand-written READMEs: path from the root → text. Each
	// holds its markers exactly once.
	Readmes map[string]string
}

// Bounds are strict bounds as Kibana's validations know them; nil is none.
type Bounds struct{ Above, Below *big.Rat }
