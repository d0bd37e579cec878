package wrong.quickstart;

import wrong.bootstrap.Bystander;

/** A demo that builds a broker of its own. */
final class KnowsBootstrap {
  Bystander bystander() {
    return new Bystander();
  }
}
