package wrong.settings;

import wrong.bootstrap.bystander.Bystander;

/** Keys that build the broker themselves. */
final class KnowsBootstrap {
  Bystander bystander() {
    return new Bystander();
  }
}
