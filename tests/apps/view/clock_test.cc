#include "apps/view/clock.h"

#include <gtest/gtest.h>

namespace fleet::view {
namespace {

TEST(ClockTest, AsMuchTimePassesAsTheSpeedSays) {
  for (int exponent = Clock::kSlowest; exponent <= Clock::kFastest; ++exponent) {
    Clock clock;
    clock.set_exponent(exponent);
    int steps = 0;
    for (int frame = 0; frame < 960; ++frame) {  // 16 s
      steps += clock.steps_due(1.0 / 60.0, 0.02);
    }
    EXPECT_NEAR(steps, 16.0 * clock.speed() / 0.02, 1.0) << "2^" << exponent;
  }
}

TEST(ClockTest, PausedTimeIsNotCaughtUpWith) {
  Clock clock;
  clock.is_paused = true;
  EXPECT_EQ(clock.steps_due(10.0, 0.02), 0);
  clock.is_paused = false;
  EXPECT_EQ(clock.steps_due(0.05, 0.02), 2);
}

TEST(ClockTest, SpeedStaysBetweenAThirtySecondAndEight) {
  Clock clock;
  clock.set_exponent(40);
  EXPECT_EQ(clock.speed(), 8.0);
  clock.set_exponent(-40);
  EXPECT_EQ(clock.speed(), 1.0 / 32.0);
}

}  // namespace
}  // namespace fleet::view
