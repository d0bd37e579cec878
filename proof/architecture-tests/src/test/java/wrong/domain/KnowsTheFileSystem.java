package wrong.domain;

import java.nio.file.Path;

/** A rule that knows where files are. */
final class KnowsTheFileSystem {
  static final Path HERE = Path.of(".");
}
