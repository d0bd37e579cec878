package wrong.application.bystander;

/** Asks its adapters to be its children. */
public abstract class OpenSkeleton {
  protected abstract void step();
}
