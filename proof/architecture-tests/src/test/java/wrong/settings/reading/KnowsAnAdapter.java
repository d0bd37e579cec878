package wrong.settings.reading;

import wrong.adapters.kafka.bystander.Bystander;

/** A library that knows for whom it reads. */
final class KnowsAnAdapter {
  Bystander bystander() {
    return new Bystander();
  }
}
