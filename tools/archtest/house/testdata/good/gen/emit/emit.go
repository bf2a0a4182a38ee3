package emit

import _ "github.com/dave/jennifer/jen"
