package model

import _ "github.com/dave/jennifer/jen"
