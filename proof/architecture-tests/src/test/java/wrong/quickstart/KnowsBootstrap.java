package wrong.quickstart;

import wrong.bootstrap.bystander.Bystander;

/** A demo that builds a broker of its own. */
final class KnowsBootstrap {
  Bystander bystander() {
    return new Bystander();
  }
}
