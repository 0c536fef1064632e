#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/philox.h"
#include "cuda/physics/engine.h"
#include "cuda/physics/spatial.h"
#include "sim/patterns.h"
#include "sim/physics_model.h"
#include "tests/support/physics_models.h"

// 1,024 worlds for 10 s under contact, by packs of floats and by mj_step: single trajectories part
// within a second, as any two of such systems do, but what robots do on average must be the same.
// The policy is noise around the default pose (motors: around zero), redrawn at 50 Hz from Philox
// by (world, control step), so both engines get the same actions. A robot that tilts by more than
// 70 degrees starts anew, upright; one that has crumpled without tilting stays there. Set
// FLEET_PARITY_TABLE=1 to see the means.

namespace fleet {
namespace {

using R = physics::FloatPack<16>;
using physics::PhysicsData;
using physics::PhysicsMemory;

constexpr int kWorlds = 1024;
constexpr double kSeconds = 10.0;
constexpr double kControlSeconds = 0.02;
constexpr double kTilt = 70.0 * 3.14159265358979323846 / 180.0;

/// A model and what its random policy does.
struct Scene {
  sim::ModelPtr model;
  std::vector<double> start;   ///< (nq)
  std::vector<double> centre;  ///< (nu) of the controls
  double noise = 0.0;          ///< standard deviation of the controls
};

Scene make_scene(const std::string& name) {
  Scene scene;
  if (name.ends_with("humanoid.xml")) {
    scene.model = testing::asset_model(name);
    const mjModel& m = *scene.model;
    scene.start.assign(m.qpos0, m.qpos0 + m.nq);
    scene.centre.assign(static_cast<std::size_t>(m.nu), 0.0);
    scene.noise = 0.4;
  } else {
    scene.model = testing::task_model(name);
    const mjModel& m = *scene.model;
    const sim::RobotConfig robot = testing::load_velocity_config(name).robot;
    std::vector<std::string> names;
    for (const int j : sim::actuated_joints(m)) {
      names.emplace_back(mj_id2name(&m, mjOBJ_JOINT, j));
    }
    scene.centre = sim::resolve(robot.default_pose, names, 0.0);
    scene.start = {0.0, 0.0, robot.base_height, 1.0, 0.0, 0.0, 0.0};
    scene.start.insert(scene.start.end(), scene.centre.begin(), scene.centre.end());
    scene.noise = 0.25;
  }
  mjOption& option = scene.model->opt;
  option.disableflags |= mjDSBL_SENSOR | mjDSBL_AUTORESET;
  option.tolerance = std::max(option.tolerance, 1e-6);
  return scene;
}

/// Calls set_qpos(i, value) for a world's episode: the start with every joint a little off.
template <class F>
void start_episode(const Scene& scene, int world, int episode, F&& set_qpos) {
  Random random(1, static_cast<std::uint32_t>(world), static_cast<std::uint32_t>(episode), 0,
                static_cast<std::uint32_t>(Purpose::kReset));
  for (std::size_t i = 0; i < scene.start.size(); ++i) {
    const double off = i < 7 ? 0.0 : 0.1 * (random.uniform() - 0.5);
    set_qpos(static_cast<int>(i), scene.start[i] + off);
  }
}

/// Calls set_ctrl(i, value) for a world's action at a control step.
template <class F>
void act(const Scene& scene, int world, int control_step, F&& set_ctrl) {
  Random random(1, static_cast<std::uint32_t>(world), 0, static_cast<std::uint32_t>(control_step),
                static_cast<std::uint32_t>(Purpose::kPolicy));
  for (std::size_t i = 0; i < scene.centre.size(); ++i) {
    set_ctrl(static_cast<int>(i), scene.centre[i] + scene.noise * random.normal());
  }
}

/// What one world did, averaged over its 10 s.
struct Averages {
  double energy = 0.0;  ///< kinetic and potential, J
  double force = 0.0;   ///< of all contacts, along their normals, N
  double slip = 0.0;    ///< m/s along the ground of what presses on it, weighted by force
  double weight = 0.0;

  void finish(double num_samples) {
    energy /= num_samples;
    force /= num_samples;
    slip /= std::max(weight, 1e-9);
  }
};

/// Kinetic and potential energy from what a step leaves: MuJoCo's arrays, or those of the engine.
template <class Number>
Number energy(const mjModel& m, const Number* cinert, const Number* cvel, const Number* xipos) {
  Number sum(0.0);
  for (int body = 1; body < m.nbody; ++body) {
    const physics::Vec6<Number> v = physics::load6(cvel + 6 * body);
    sum += Number(0.5) * dot(v, physics::inertia_times(cinert + 10 * body, v));
    sum -= Number(m.body_mass[body] * m.opt.gravity[2]) * xipos[3 * body + 2];
  }
  return sum;
}

/// How fast the body at a contact moves along the ground.
template <class Number>
Number slip_speed(const Number* cvel, const Number* subtree_com, const Number* pos,
                  const Number* normal) {
  const physics::Vec6<Number> v = physics::load6(cvel);
  const auto arm = physics::load3(pos) - physics::load3(subtree_com);
  const auto velocity = v.linear + cross(v.angular, arm);
  const auto n = physics::load3(normal);
  return norm(add_scaled(velocity, n, -dot(velocity, n)));
}

void add_sample(const mjModel& m, const mjData& d, Averages& sum) {
  sum.energy += energy(m, d.cinert, d.cvel, d.xipos);
  for (int i = 0; i < d.ncon; ++i) {
    const mjContact& contact = d.contact[i];
    mjtNum force[6] = {};
    mj_contactForce(&m, &d, i, force);
    sum.force += force[0];
    if (m.geom_type[contact.geom[0]] == mjGEOM_PLANE) {
      const int body = m.geom_bodyid[contact.geom[1]];
      sum.slip += force[0] * slip_speed(d.cvel + 6 * body, d.subtree_com + 3 * m.body_rootid[body],
                                        contact.pos, contact.frame);
      sum.weight += force[0];
    }
  }
}

void add_samples(const mjModel& m, const physics::PhysicsModel<float>& p, const PhysicsData<R>& d,
                 Averages* sums) {
  const auto add = [&](double Averages::*what, const R& value) {
    for (int lane = 0; lane < physics::kWidthOf<R>; ++lane) {
      sums[lane].*what += value.lane(lane);
    }
  };
  add(&Averages::energy, energy(m, d.cinert.data(), d.cvel.data(), d.xipos.data()));
  for (int i = 0; i < d.contact.num; ++i) {
    const auto& pair = p.pairs[d.contact.pair[i]];
    const R force = d.contact.force[6 * i];
    add(&Averages::force, force);
    if (p.geom_type[pair.geom1] == static_cast<int>(physics::GeomType::kPlane)) {
      const R speed =
          slip_speed(&d.cvel[6 * pair.body2], &d.subtree_com[3 * p.body_rootid[pair.body2]],
                     &d.contact.pos[3 * i], &d.contact.frame[9 * i]);
      add(&Averages::slip, select(less(R(0.0), force), force * speed, R(0.0)));
      add(&Averages::weight, force);
    }
  }
}

struct Counts {
  int substeps, control_steps;
};

Counts counts_of(const mjModel& m) {
  const int substeps = static_cast<int>(std::lround(kControlSeconds / m.opt.timestep));
  return {substeps, static_cast<int>(std::lround(kSeconds / kControlSeconds))};
}

std::vector<Averages> run_mujoco(const Scene& scene) {
  const mjModel& m = *scene.model;
  const sim::DataPtr d = sim::make_data(m);
  const auto [substeps, control_steps] = counts_of(m);
  std::vector<Averages> worlds(kWorlds);
  for (int world = 0; world < kWorlds; ++world) {
    int episode = 0;
    const auto begin = [&] {
      mj_resetData(&m, d.get());
      start_episode(scene, world, episode++, [&](int i, double x) { d->qpos[i] = x; });
    };
    begin();
    for (int step = 0; step < control_steps; ++step) {
      act(scene, world, step, [&](int i, double x) { d->ctrl[i] = x; });
      for (int k = 0; k < substeps; ++k) {
        mj_step(&m, d.get());
      }
      add_sample(m, *d, worlds[world]);
      if (d->xmat[9 + 8] < std::cos(kTilt)) {
        begin();
      }
    }
    worlds[world].finish(control_steps);
  }
  return worlds;
}

std::vector<Averages> run_lanes(const Scene& scene) {
  constexpr int kWidth = physics::kWidthOf<R>;
  const mjModel& m = *scene.model;
  const auto physics = sim::make_physics<float>(m);
  PhysicsMemory<R> d(physics);
  const auto [substeps, control_steps] = counts_of(m);
  std::vector<Averages> worlds(kWorlds);
  for (int first = 0; first < kWorlds; first += kWidth) {
    std::vector<int> episodes(kWidth);
    const auto begin = [&](int lane) {
      for (auto* array : {&d.qvel, &d.act, &d.qacc_warmstart}) {
        std::ranges::for_each(*array, [&](R& x) { x.set_lane(lane, 0.0F); });
      }
      start_episode(scene, first + lane, episodes[lane]++,
                    [&](int i, double x) { d.qpos[i].set_lane(lane, static_cast<float>(x)); });
    };
    for (int lane = 0; lane < kWidth; ++lane) {
      begin(lane);
    }
    for (int step = 0; step < control_steps; ++step) {
      for (int lane = 0; lane < kWidth; ++lane) {
        act(scene, first + lane, step,
            [&](int i, double x) { d.ctrl[i].set_lane(lane, static_cast<float>(x)); });
      }
      for (int k = 0; k < substeps; ++k) {
        physics::step(physics.model, d);
      }
      add_samples(m, physics.model, d, &worlds[first]);
      for (int lane = 0; lane < kWidth; ++lane) {
        if (d.xmat[9 + 8].lane(lane) < std::cos(kTilt)) {
          begin(lane);
        }
      }
    }
    for (int lane = 0; lane < kWidth; ++lane) {
      worlds[first + lane].finish(control_steps);
    }
  }
  return worlds;
}

struct Mean {
  double value, standard_error;
};

Mean mean_of(const std::vector<Averages>& worlds, double Averages::*what) {
  double sum = 0.0;
  double squares = 0.0;
  for (const Averages& world : worlds) {
    sum += world.*what;
  }
  const double mean = sum / kWorlds;
  for (const Averages& world : worlds) {
    squares += (world.*what - mean) * (world.*what - mean);
  }
  return {mean, std::sqrt(squares / (kWorlds - 1.0) / kWorlds)};
}

class PhysicsTrajectoryTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PhysicsTrajectoryTest, MeansAreThoseOfMuJoCo) {
  const Scene scene = make_scene(GetParam());
  const std::vector<Averages> expected = run_mujoco(scene);
  const std::vector<Averages> found = run_lanes(scene);
  for (const auto& [name, what] :
       {std::pair{"energy", &Averages::energy}, std::pair{"contact force", &Averages::force},
        std::pair{"slip", &Averages::slip}}) {
    const Mean ours = mean_of(found, what);
    const Mean theirs = mean_of(expected, what);
    if (std::getenv("FLEET_PARITY_TABLE") != nullptr) {
      std::printf("%s: %s %.5g, MuJoCo %.5g, %.2f standard errors (%.2g) apart\n",
                  GetParam().c_str(), name, ours.value, theirs.value,
                  std::abs(ours.value - theirs.value) / theirs.standard_error,
                  theirs.standard_error);
    }
    EXPECT_NEAR(ours.value, theirs.value, 2.0 * theirs.standard_error) << name;
  }
}

std::string case_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(info.param.find_last_of('/') + 1);
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, PhysicsTrajectoryTest,
                         ::testing::Values("go1-flat", "g1-flat", testing::kSuite + "humanoid.xml"),
                         case_name);

}  // namespace
}  // namespace fleet
