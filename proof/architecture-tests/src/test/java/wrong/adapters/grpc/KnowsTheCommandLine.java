package wrong.adapters.grpc;

import picocli.CommandLine.Option;

/** A server that reads its own options. */
final class KnowsTheCommandLine {
  @Option(names = "--port")
  int port;
}
