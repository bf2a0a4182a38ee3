package house

import (
	"go/ast"
	"strings"
)

// statements checks what functions may do and what structs may hold. Tests are
// free but for reflect.
func (c *checker) statements(p *pkg) {
	for _, f := range p.files {
		c.reflection(f)
		if f.test {
			continue
		}
		imported := f.imported()
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					c.add(n.Pos(), "init", "no init functions: call it from where it is needed")
				}
			case *ast.GoStmt:
				c.goroutine(f, n)
			case *ast.CallExpr:
				c.call(f, n, imported)
			case *ast.StructType:
				c.fields(n, imported)
			}
			return true
		})
	}
}

func (c *checker) reflection(f *file) {
	for _, spec := range f.ast.Imports {
		if importPath(spec) == "reflect" && !allowed(reflection, f.name) && (!f.test || !covers("gen", f.name)) {
			c.add(spec.Pos(), "reflect", "no reflect outside the tests of the generator")
		}
	}
}

func (c *checker) goroutine(f *file, n ast.Node) {
	if !allowed(goroutines, f.name) {
		c.add(n.Pos(), "goroutines", "goroutines start in listed places only; return to the caller instead, or add the file to the table with a reason")
	}
}

func (c *checker) call(f *file, n *ast.CallExpr, imported map[string]string) {
	switch fun := n.Fun.(type) {
	case *ast.Ident:
		if fun.Name == "panic" {
			c.add(n.Pos(), "panic", "no panic: return an error")
		}
	case *ast.SelectorExpr:
		if fun.Sel.Name == "Go" && len(n.Args) == 1 {
			c.goroutine(f, n)
		}
		x, ok := fun.X.(*ast.Ident)
		if !ok {
			return
		}
		ends := imported[x.Name] == "os" && fun.Sel.Name == "Exit" ||
			imported[x.Name] == "log" && (strings.HasPrefix(fun.Sel.Name, "Fatal") || strings.HasPrefix(fun.Sel.Name, "Panic"))
		if ends && !allowed(exits, f.name) {
			c.add(n.Pos(), "exit", "only main.go ends the process: return an error")
		}
	}
}

// fields refuses a context in a struct: it belongs to a call, not to a value.
func (c *checker) fields(n *ast.StructType, imported map[string]string) {
	for _, field := range n.Fields.List {
		sel, ok := field.Type.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Context" {
			continue
		}
		if x, ok := sel.X.(*ast.Ident); ok && imported[x.Name] == "context" {
			c.add(field.Pos(), "context", "no context in a struct: pass it to the call")
		}
	}
}

// allowed reports whether a file is, or is below, a listed place.
func allowed(places []place, file string) bool {
	for _, p := range places {
		if covers(p.path, file) {
			return true
		}
	}
	return false
}
