package sources

import _ "github.com/tributary-search/tributary/sources/shop"
