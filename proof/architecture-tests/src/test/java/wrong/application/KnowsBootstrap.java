package wrong.application;

import wrong.bootstrap.bystander.Bystander;

/** A use case that looks up what it needs. */
final class KnowsBootstrap {
  Bystander bystander() {
    return new Bystander();
  }
}
