package wrong.application;

import jakarta.inject.Inject;

/** A use case that asks to be wired. */
final class KnowsInjection {
  @Inject
  KnowsInjection() {}
}
