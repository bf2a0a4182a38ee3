// What may end the process: the program.
package main

import (
	"os"

	_ "github.com/tributary-search/tributary/sources"
)

func main() { os.Exit(0) }
