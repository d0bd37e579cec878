package wrong.application;

import wrong.adapters.kafka.bystander.Bystander;

/** A use case that knows where its records come from. */
final class KnowsAnAdapter {
  Bystander bystander() {
    return new Bystander();
  }
}
