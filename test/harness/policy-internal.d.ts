/** The proxy through which CrossGuard hands properties to rules; marked internal, and so left out of the SDK's types. */
declare module "@pulumi/policy/proxy" {
  export function unknownCheckingProxy<Properties extends object>(properties: Properties): Properties;
}
