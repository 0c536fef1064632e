// fleet-view as a user meets it, on a screen that nobody sees: hands do what a script says, and the
// pictures it saves are looked at.

#include <cmath>

#include <gmock/gmock.h>

#include "tests/apps/view/view_program.h"

namespace fleet {
namespace {

using testing::HasSubstr;

const std::string kGo1 = "go1-flat --num-envs 2";

bool is_coloured(int red, int green, int blue) {
  return std::max({red, green, blue}) - std::min({red, green, blue}) > 60;
}

TEST_F(ViewTest, TheRobotAndItsPlotsAreSeen) {
  run_view(kGo1, 34,
           "3 shot early.png\n30 shot robot.png\n31 key space\n32 key 2\n33 shot bare.png\n");
  const Picture robot = picture("robot.png");
  EXPECT_EQ(robot.width(), 960);
  EXPECT_EQ(robot.height(), 600);
  // Group 2 is what is seen of the robot: without it, the ground behind it is.
  EXPECT_GT(robot.difference(picture("bare.png"), kScene), 0.05);
  EXPECT_LT(robot.difference(picture("bare.png"), kScene), 0.60);
  EXPECT_GT(robot.share(kRewardPlot, is_coloured),
            picture("early.png").share(kRewardPlot, is_coloured) + 0.001);
}

TEST_F(ViewTest, APauseFreezesTimeAndAnArrowTakesOneStep) {
  const Viewed viewed = run_view(
      kGo1, 30,
      "12 key space\n14 shot a.png\n20 shot b.png\n21 key right\n23 key right\n26 shot c.png\n");
  EXPECT_EQ(picture("a.png").difference(picture("b.png"), kScene, 0), 0.0);
  EXPECT_GT(picture("b.png").difference(picture("c.png"), kScene, 0), 0.001);
  EXPECT_NEAR(viewed.figures["simulated_s"], 0.20 + 0.04, 0.021);  // 12 frames of 1/60 s, two steps
  EXPECT_TRUE(viewed.figures["paused"]);
}

TEST_F(ViewTest, AnArrowBackShowsWhatWas) {
  const Viewed back = run_view(kGo1, 24, "10 key space\n12 key left\n14 key left\n16 key left\n");
  const Viewed there = run_view(kGo1, 24, "10 key space\n");
  EXPECT_NEAR(
      there.figures["simulated_s"].get<double>() - back.figures["simulated_s"].get<double>(), 0.06,
      1e-9);
  EXPECT_NE(there.figures["qpos"], back.figures["qpos"]);
}

TEST_F(ViewTest, KeysMakeTimeFasterAndSlower) {
  const Viewed fast = run_view(kGo1, 22, "0 key =\n2 key =\n");
  EXPECT_EQ(fast.figures["speed"], 4.0);
  EXPECT_NEAR(fast.figures["simulated_s"], 4.0 * 22 / 60.0,
              0.12);  // the first two frames are slower
  const Viewed slow = run_view(kGo1, 22, "0 key -\n2 key -\n4 key -\n");
  EXPECT_EQ(slow.figures["speed"], 0.125);
  EXPECT_LT(slow.figures["simulated_s"], 0.12);
}

TEST_F(ViewTest, AHandMovesTheCamera) {
  const Viewed viewed = run_view(
      kGo1, 40,
      "5 key space\n8 shot a.png\n"
      "9 move 400 300\n10 press left\n11 move 460 300\n12 release left\n14 shot orbit.png\n"
      "15 scroll 6\n17 shot zoom.png\n"
      "18 press right\n19 move 460 360\n20 release right\n22 shot move.png\n"
      "23 key f2\n25 key f2\n");
  EXPECT_GT(picture("a.png").difference(picture("orbit.png"), kScene), 0.05);
  EXPECT_GT(picture("orbit.png").difference(picture("zoom.png"), kScene), 0.05);
  EXPECT_GT(picture("zoom.png").difference(picture("move.png"), kScene), 0.05);
  EXPECT_EQ(viewed.figures["camera"], "free");  // moved away, following again, and not
}

/// How far the root of a robot is in one run from where it is in another, m.
double distance(const Viewed& one, const Viewed& other) {
  const auto at = [](const Viewed& viewed, int k) {
    return viewed.figures["qpos"][static_cast<std::size_t>(k)].get<double>();
  };
  return std::hypot(at(one, 0) - at(other, 0), at(one, 1) - at(other, 1),
                    at(one, 2) - at(other, 2));
}

/// How far one robot is ahead of another, along the latter's heading, m.
double distance_ahead(const Viewed& one, const Viewed& other) {
  const auto& from = other.figures["qpos"];
  const auto& to = one.figures["qpos"];
  const double yaw = 2.0 * std::atan2(from[6].get<double>(), from[3].get<double>());
  return std::cos(yaw) * (to[0].get<double>() - from[0].get<double>()) +
         std::sin(yaw) * (to[1].get<double>() - from[1].get<double>());
}

TEST_F(ViewTest, AHandPullsTheRobot) {
  const std::string pauses = "2 key tab\n4 key space\n9 key space\n";
  const Viewed pulled = run_view(kGo1, 40,
                                 pauses +
                                     "6 move 480 320\n7 press ctrl+right\n8 move 700 60\n"
                                     "38 shot pulled.png\n");
  const Viewed left = run_view(kGo1, 40, pauses);
  EXPECT_EQ(pulled.figures["simulated_s"], left.figures["simulated_s"]);
  EXPECT_GT(distance(pulled, left), 0.03);
  EXPECT_GT(picture("pulled.png")
                .share({},
                       [](int red, int green, int blue) {
                         return red > 150 && green < 60 && blue < 60;  // the arrow of the force
                       }),
            0.002);
}

TEST_F(ViewTest, KeysDriveTheRobot) {
  const auto drive = [&](const std::string& key) {  // for 2 s at four times the speed
    return run_view("go1-flat --num-envs 1 velocity.push.enabled=false", 34,
                    "0 key tab\n0 key =\n2 key =\n1 key enter\n2 down " + key + "\n");
  };
  const Viewed forward = drive("w");
  const Viewed back = drive("s");
  EXPECT_GT(distance(forward, back), 1.0);
  EXPECT_GT(distance_ahead(forward, back), 0.8);
}

TEST_F(ViewTest, ButtonsAreClicked) {
  const Viewed viewed = run_view(kGo1, 20, "6 click Push\n12 click Pause\n");
  EXPECT_THAT(viewed.figures["message"].get<std::string>(), HasSubstr("pushed by 1.00 m/s"));
  EXPECT_TRUE(viewed.figures["paused"]);
}

TEST_F(ViewTest, SeveralEnvsAreTiledAndOneIsChosen) {
  const Viewed viewed = run_view("go1-flat --num-envs 7", 30,
                                 "8 click tiles\n14 shot four.png\n"
                                 "15 move 500 150\n16 press left\n17 release left\n");
  EXPECT_EQ(viewed.figures["tiles"], 4);  // the middle of 1 to 7
  EXPECT_EQ(viewed.figures["env"], 1);    // the tile at the top right
  const Picture four = picture("four.png");
  const Part first{0.24, 0.06, 0.40, 0.45};
  EXPECT_GT(four.share(first,
                       [](int red, int green, int blue) {
                         return red < 60 && green < 60 && blue < 60;  // a black robot
                       }),
            0.01);
}

TEST_F(ViewTest, AMatchOfDronesShowsCourtScoreAndBall) {
  const Viewed viewed = run_view("volley/3v3 --agent zero --num-envs 1", 32, "30 shot match.png\n");
  EXPECT_FALSE(viewed.figures["paused"]);
  const Picture match = picture("match.png");
  EXPECT_GT(match.share(kScene,
                        [](int red, int green, int blue) {
                          return red > green && green > blue &&
                                 red - blue > 40;  // the court's floor
                        }),
            0.2);
  EXPECT_GT(match.share(kScene,
                        [](int red, int green, int blue) {
                          return red > 110 && green > 85 && blue < 60;  // the ball and its trail
                        }),
            0.0001);
  EXPECT_GT(match.share({0.22, 0.0, 0.64, 0.10},
                        [](int red, int green, int blue) {
                          return red > 240 && green > 240 && blue > 240;  // the score
                        }),
            0.002);
}

TEST_F(ViewTest, ARecordingIsShownToItsEnd) {
  ASSERT_EQ(
      run_fleet(folder_.path(), "play volley/3v3 --agent zero --steps 20 --save motion.npz").code,
      0);
  const Viewed viewed = run_view("volley/3v3 --replay motion.npz", 60, "");
  EXPECT_TRUE(viewed.figures["paused"]);
  EXPECT_NEAR(viewed.figures["simulated_s"], 19 * 0.02, 1e-9);
}

TEST_F(ViewTest, AWorldThatDivergedWaitsBeforeTheFatalStep) {
  ASSERT_EQ(run_fleet(folder_.path(),  // a push to a speed that MuJoCo does not accept
                      "train go1-flat --num-envs 32 --threads 1 --steps 768 --out run "
                      "--backend mujoco train.evaluate=false velocity.curriculum.steps=40 "
                      "velocity.push.interval=[0.1,0.3] velocity.push.linear=[1e12,0,0]")
                .code,
            0);
  const Viewed viewed = run_view("run/divergences/iteration_1.safetensors --world 2", 12,
                                 "4 click Reward\n6 key right\n");
  EXPECT_TRUE(viewed.figures["paused"]);
  EXPECT_NEAR(viewed.figures["simulated_s"], 0.02, 1e-9);
  EXPECT_EQ(viewed.figures["divergences"], 1);
}

TEST_F(ViewTest, ARunShowsItsCurvesAndIsNotWrittenTo) {
  const Outcome trained =
      run_fleet(folder_.path(),
                "train go1-flat --num-envs 8 --threads 1 --steps 4800 --out run ppo.num_steps=60 "
                "ppo.num_minibatches=1 ppo.num_epochs=1 train.evaluate=false");
  ASSERT_EQ(trained.code, 0) << trained.error;
  const auto before = contents(folder_ / "run");
  run_view("run --num-envs 1", 40, "20 shot reward.png\n21 click Learning\n38 shot curves.png\n");
  EXPECT_EQ(contents(folder_ / "run"), before);
  const Part panel{0.72, 0.06, 0.97, 0.50};
  EXPECT_GT(picture("curves.png").difference(picture("reward.png"), panel), 0.05);
  EXPECT_GT(picture("curves.png").share(panel, is_coloured), 0.002);
}

TEST_F(ViewTest, AnExportedPolicyActsInTheTaskThatItNames) {
  std::filesystem::create_directory(folder_ / "export");
  const Outcome exported =
      run_fleet(folder_.path(), "export go1-flat --threads 1 --out export/policy.onnx");
  ASSERT_EQ(exported.code, 0) << exported.error;
  const auto before = contents(folder_ / "export");
  const auto drive = [&](const std::string& subject, const std::string& key) {
    return run_view(subject + " --num-envs 1 velocity.push.enabled=false", 34,
                    "0 key =\n2 key =\n1 key enter\n2 down " + key + "\n");
  };
  const Viewed forward = drive("export/policy.onnx", "w");
  const Viewed still = drive("export", "x");
  EXPECT_GT(distance_ahead(forward, still), 0.6);
  EXPECT_THAT(forward.figures["policy"].get<std::string>(), HasSubstr("ppo of go1-f"));
  EXPECT_TRUE(forward.figures["value"].is_null());
  EXPECT_EQ(contents(folder_ / "export"), before);
}

TEST_F(ViewTest, AnOffPolicyRunShowsWhatItsCriticExpects) {
  const Outcome trained = run_fleet(
      folder_.path(),
      "train gym/Hopper --agent flashsac-cpu --num-envs 4 --threads 1 --steps 60 --out run "
      "flashsac.buffer_size=200 flashsac.min_buffer=20 flashsac.num_steps=10 "
      "flashsac.batch_size=8 train.evaluate=false");
  ASSERT_EQ(trained.code, 0) << trained.error;
  const Viewed viewed = run_view("run --num-envs 2", 20, "5 click Policy\n18 shot value.png\n");
  EXPECT_TRUE(viewed.figures["value"].is_number());
  EXPECT_NE(viewed.figures["value"], 0.0);
  const Part plot{0.74, 0.06, 0.97, 0.32};
  EXPECT_GT(picture("value.png").share(plot, is_coloured), 0.0005);
}

TEST_F(ViewTest, ATeamOfSkillsShowsWhatEachDroneIsOrdered) {
  const Outcome trained = run_fleet(
      folder_.path(),
      "train volley/3v3-hier --num-envs 2 --threads 1 --steps 8 --out team ppo.num_steps=4 "
      "ppo.num_minibatches=1 train.evaluate=false");
  ASSERT_EQ(trained.code, 0) << trained.error;
  const Viewed viewed = run_view("team --num-envs 1", 12, "");
  EXPECT_EQ(viewed.figures["policy"], "a team of skills");
  const auto& orders = viewed.figures["orders"];
  ASSERT_EQ(orders.size(), 6U);
  for (int player = 0; player < 6; ++player) {
    const auto& order = orders[static_cast<std::size_t>(player)];
    const bool is_hit = order["skill"] == "hit";
    EXPECT_TRUE(is_hit || order["skill"] == "goto");
    // Who flies stays on the own side; who hits sends the ball to the other.
    const double own_side = player < 3 ? 1.0 : -1.0;
    const double x = order["target"][0].get<double>() * own_side;
    EXPECT_GT(is_hit ? -x : x, 0.0) << player;
  }
}

TEST_F(ViewTest, AScreenshotTakesANameThatNoFileHas) {
  write_text(folder_ / "fleet-view-1.png", "kept");
  run_view(kGo1, 8, "4 key ctrl+p\n");
  EXPECT_EQ(read_text(folder_ / "fleet-view-1.png"), "kept");
  EXPECT_EQ(picture("fleet-view-2.png").width(), 960);
}

TEST_F(ViewTest, AFirstPictureComesSoonAndFiguresSaySo) {
  const Viewed viewed = run_view(kGo1, 3, "");
  EXPECT_GT(viewed.figures["start_up_s"], 0.0);
  EXPECT_LT(viewed.figures["start_up_s"], 60.0);  // measured on an idle machine: README
  EXPECT_THAT(viewed.figures["gl"].get<std::string>(), HasSubstr("llvmpipe"));
}

}  // namespace
}  // namespace fleet
