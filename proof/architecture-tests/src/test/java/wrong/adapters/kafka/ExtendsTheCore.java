package wrong.adapters.kafka;

import wrong.application.bystander.OpenSkeleton;

/** An adapter that inherits. */
final class ExtendsTheCore extends OpenSkeleton {
  @Override
  protected void step() {}
}
