package a_test

import _ "github.com/tributary-search/tributary/sources/b"
