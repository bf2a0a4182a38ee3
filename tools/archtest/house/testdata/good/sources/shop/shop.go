// Package shop knows the contract, its own driver, and what sources share.
package shop

import (
	_ "example.com/driver/wire"

	_ "github.com/tributary-search/tributary/runtime/connector"
	_ "github.com/tributary-search/tributary/sources/internal/sqldb"
	_ "github.com/tributary-search/tributary/sources/shop/pages"
)
