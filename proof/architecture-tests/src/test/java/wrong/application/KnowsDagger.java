package wrong.application;

import dagger.Lazy;

/** A use case that is wired lazily. */
final class KnowsDagger {
  String value(Lazy<String> value) {
    return value.get();
  }
}
