import { main } from "@pulumi/pulumi/provider";
import { randomProvider } from "./random-provider";

/** The plugin's process: the engine gives its address as the argument and reads our port from the output. */
void main(randomProvider, process.argv.slice(2));
