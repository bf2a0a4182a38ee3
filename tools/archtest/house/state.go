package house

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
)

// state checks that packages hold no state: a variable of a package may be an
// error, a compiled expression, a pool or a table, as long as nothing in the
// package writes to it.
func (c *checker) state(p *pkg) {
	var files []*ast.File
	for _, f := range p.product() {
		files = append(files, f.ast)
	}
	info := &types.Info{
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	// Imports are not resolved: names of the package itself are all it takes.
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	checked, _ := config.Check(p.dir, c.tree.files, files, info)
	s := &stateCheck{checker: c, info: info, scope: checked.Scope()}
	for _, f := range p.product() {
		s.imported = f.imported()
		s.declarations(f.ast)
		ast.Inspect(f.ast, s.visit)
	}
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not resolved") }

type stateCheck struct {
	*checker
	info     *types.Info
	scope    *types.Scope
	imported map[string]string
}

func (s *stateCheck) declarations(f *ast.File) {
	for _, d := range f.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.VAR {
			continue
		}
		for _, spec := range decl.Specs {
			s.declaration(spec.(*ast.ValueSpec))
		}
	}
}

func (s *stateCheck) declaration(spec *ast.ValueSpec) {
	if len(spec.Values) == 0 && !s.isType(spec.Type, "embed.FS", "sync.Pool") {
		s.add(spec.Pos(), "state", "%s starts empty, so something will write to it: no package-level state", spec.Names[0].Name)
		return
	}
	for i, v := range spec.Values {
		if i < len(spec.Names) && spec.Names[i].Name != "_" && !s.constant(v) {
			s.add(v.Pos(), "state", "%s may be changed through its value: no package-level state; make it where it is used, or list its maker with a reason", spec.Names[i].Name)
		}
	}
}

// constant reports whether an initial value can only be changed by a write to
// the variable.
func (s *stateCheck) constant(v ast.Expr) bool {
	switch v := v.(type) {
	case *ast.UnaryExpr:
		return v.Op != token.AND && v.Op != token.ARROW
	case *ast.CallExpr:
		return s.maker(v)
	case *ast.CompositeLit:
		return s.isType(v.Type, "sync.Pool") || !s.isFrom(v.Type, "sync", "sync/atomic")
	}
	return true
}

// maker reports whether a call makes a value that nobody changes: by a listed
// function, by a conversion, or by a function of the package itself, whose
// results are checked by their uses.
func (s *stateCheck) maker(call *ast.CallExpr) bool {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		return ok && makers[x.Name+"."+fun.Sel.Name] != ""
	case *ast.IndexExpr:
		return s.maker(&ast.CallExpr{Fun: fun.X})
	case *ast.Ident:
		return fun.Name != "make" && fun.Name != "new"
	}
	return true // a conversion, or a literal that is called
}

func (s *stateCheck) isType(t ast.Expr, names ...string) bool {
	sel, ok := t.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	for _, name := range names {
		if ok && s.imported[x.Name]+"."+sel.Sel.Name == name {
			return true
		}
	}
	return false
}

func (s *stateCheck) isFrom(t ast.Expr, paths ...string) bool {
	sel, ok := t.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	for _, path := range paths {
		if ok && s.imported[x.Name] == path {
			return true
		}
	}
	return false
}

// visit finds writes to variables of packages.
func (s *stateCheck) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, left := range n.Lhs {
				s.written(left)
			}
		}
	case *ast.IncDecStmt:
		s.written(n.X)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			s.written(n.Key)
			s.written(n.Value)
		}
	case *ast.UnaryExpr:
		if _, entry := n.X.(*ast.IndexExpr); n.Op == token.AND && !entry { // &table[i] is how an entry is read
			s.written(n.X)
		}
	case *ast.CallExpr:
		s.calls(n)
	}
	return true
}

// calls finds writes by delete, clear and copy, and by methods that take the
// address of the variable.
func (s *stateCheck) calls(n *ast.CallExpr) {
	switch fun := n.Fun.(type) {
	case *ast.Ident:
		if (fun.Name == "delete" || fun.Name == "clear" || fun.Name == "copy") && len(n.Args) > 0 {
			s.written(n.Args[0])
		}
	case *ast.SelectorExpr:
		selection := s.info.Selections[fun]
		if selection == nil || selection.Kind() != types.MethodVal {
			return
		}
		method, ok := selection.Obj().(*types.Func)
		if !ok {
			return
		}
		_, byPointer := method.Signature().Recv().Type().(*types.Pointer)
		_, isPointer := selection.Recv().(*types.Pointer)
		if _, entry := fun.X.(*ast.IndexExpr); byPointer && !isPointer && !entry {
			s.written(fun.X)
		}
	}
}

// written notes a write when the expression is a variable of a package or a
// part of one.
func (s *stateCheck) written(e ast.Expr) {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && s.foreign(id) {
				s.add(x.Pos(), "state", "%s.%s is a variable of another package: it is read, never written", id.Name, x.Sel.Name)
				return
			}
			e = x.X
		case *ast.Ident:
			if v, ok := s.info.Uses[x].(*types.Var); ok && v.Parent() == s.scope {
				s.add(x.Pos(), "state", "%s is a variable of the package and is written or handed out here: no package-level state", x.Name)
			}
			return
		default:
			return
		}
	}
}

// foreign reports whether a name stands for an imported package.
func (s *stateCheck) foreign(id *ast.Ident) bool {
	_, ok := s.info.Uses[id].(*types.PkgName)
	return ok
}
