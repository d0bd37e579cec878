package io.taskbroker.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What it takes to run the core twice in the same way: threads, time and chance come in from
 * outside, and nothing is walked through in an order that differs between two processes.
 */
final class RepeatableRules {
  private RepeatableRules() {}

  static Map<String, ArchRule> under(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("threads and waiting are handed in", threadsAreHandedIn(root));
    rules.put("what is walked through has an order", whatIsWalkedThroughHasAnOrder(root));
    rules.put("the core takes no chances", theCoreTakesNoChances(root));
    return rules;
  }

  private static String[] core(String root) {
    return new String[] {root + ".domain..", root + ".application..", root + ".inflight.."};
  }

  private static ArchRule threadsAreHandedIn(String root) {
    return noClasses()
        .that()
        .resideInAnyPackage(core(root))
        .and(DescribedPredicate.not(Waiting.systemThreads(root)))
        .should()
        .accessTargetWhere(Waiting.PAST_THE_PORT)
        .because("the simulation decides who runs next, and time passes only where it says so");
  }

  /**
   * These only look things up: ids and names, of which there are a million, and those who wait, who
   * may all be equal.
   */
  private static ArchRule whatIsWalkedThroughHasAnOrder(String root) {
    String engine = root + ".inflight.engine.";
    return noClasses()
        .that()
        .resideInAnyPackage(core(root))
        .and()
        .doNotHaveFullyQualifiedName(engine + "Rows")
        .and()
        .doNotHaveFullyQualifiedName(engine + "ReadyIndex")
        .and()
        .doNotHaveFullyQualifiedName(engine + "ReadyIndex$Application")
        .and()
        .doNotHaveFullyQualifiedName(root + ".inflight.Waits")
        .should()
        .accessTargetWhere(Orders.OF_CHANCE)
        .because("the same commands at the same times must give the same decisions");
  }

  private static ArchRule theCoreTakesNoChances(String root) {
    Set<Class<?>> chance = Set.of(Random.class, SecureRandom.class, ThreadLocalRandom.class);
    return noClasses()
        .that()
        .resideInAnyPackage(core(root))
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe(
                "chance",
                (JavaAccess<?> access) -> {
                  JavaClass owner = access.getTargetOwner();
                  String name = access.getTarget().getName();
                  return chance.stream().anyMatch(owner::isEquivalentTo)
                      || (owner.isEquivalentTo(Math.class) && name.equals("random"))
                      || (owner.isEquivalentTo(UUID.class) && name.equals("randomUUID"));
                }))
        .because("the same commands at the same times must give the same decisions");
  }
}
