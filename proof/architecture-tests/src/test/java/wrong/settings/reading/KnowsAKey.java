package wrong.settings.reading;

import wrong.settings.bystander.Bystander;

/** A library that knows one of its users' keys. */
final class KnowsAKey {
  Bystander bystander() {
    return new Bystander();
  }
}
