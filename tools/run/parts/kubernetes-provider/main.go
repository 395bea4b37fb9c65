// The Pulumi Kubernetes provider, served from its own library: the provider's upstream main embeds
// generated files that its Go module does not carry. The version must be set, because awaiting and
// version checks of the provider read it.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	if version.Version == "" {
		panic("build this with -ldflags \"-X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=<version>\"")
	}
	schema := fmt.Sprintf(`{"name":"kubernetes","version":%q}`, version.Version)
	provider.Serve("kubernetes", version.Version, []byte(schema), []byte(`{}`))
}
