#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/physics/engine.h"
#include "cuda/physics/solver.h"
#include "sim/physics_model.h"
#include "tests/support/physics_models.h"
#include "tests/support/physics_parity.h"
#include "tests/support/physics_states.h"
#include "tests/support/same_bits.h"

// Packs of floats against the engine in double, which physics_forward_test.cc holds against MuJoCo:
// how far each stage is off, and that a world's bits depend neither on its lane nor on its
// neighbours. Set FLEET_PARITY_TABLE=1 to see the worst differences.

namespace fleet {
namespace {

using physics::FloatPack;
using physics::kWidthOf;
using physics::PhysicsData;
using physics::PhysicsMemory;
using testing::relative_error;

constexpr int kStates = 320;  ///< 20 packs of 16

/// Of the largest number of each array. Positions and velocities carry some ten roundings of 6e-8;
/// forces sum terms that cancel; qacc_smooth is that times what M is conditioned like.
const std::map<std::string, double> kTolerances{
    {"position", 5e-6}, {"M", 1e-6}, {"velocity", 2e-6}, {"force", 3e-5}, {"qacc_smooth", 3e-4}};

/// A world's state and inputs; floats, so that all precisions start alike.
struct State {
  std::vector<float> qpos, qvel, act, ctrl, qacc_warmstart, qfrc_applied, xfrc_applied;
};

sim::ModelPtr load(const std::string& name) {
  sim::ModelPtr m = testing::model_named(name);
  m->opt.iterations = 100;
  m->opt.ls_iterations = 50;
  m->opt.tolerance = std::max(m->opt.tolerance, 1e-6);  // as far as floats go
  return m;
}

std::vector<State> random_states(const mjModel& m) {
  const sim::DataPtr d = sim::make_data(m);
  std::mt19937_64 random(7);
  std::vector<State> states;
  for (int i = 0; i < kStates; ++i) {
    testing::randomise_state(m, *d, random);
    if (i % 2 == 0) {
      testing::randomise(m, *d, random);  // touching
    }
    testing::apply_forces(m, *d, random);
    const auto floats = [](const mjtNum* from, mjtSize count) {
      return std::vector<float>(from, from + count);
    };
    states.push_back({.qpos = floats(d->qpos, m.nq),
                      .qvel = floats(d->qvel, m.nv),
                      .act = floats(d->act, m.na),
                      .ctrl = floats(d->ctrl, m.nu),
                      .qacc_warmstart = floats(d->qacc_warmstart, m.nv),
                      .qfrc_applied = floats(d->qfrc_applied, m.nv),
                      .xfrc_applied = floats(d->xfrc_applied, 6 * m.nbody)});
  }
  return states;
}

template <class R>
void write(PhysicsData<R>& d, int lane, const State& state) {
  for (const auto& [to, from] : {std::pair{&d.qpos, &state.qpos}, std::pair{&d.qvel, &state.qvel},
                                 std::pair{&d.act, &state.act}, std::pair{&d.ctrl, &state.ctrl},
                                 std::pair{&d.qacc_warmstart, &state.qacc_warmstart},
                                 std::pair{&d.qfrc_applied, &state.qfrc_applied},
                                 std::pair{&d.xfrc_applied, &state.xfrc_applied}}) {
    for (std::size_t i = 0; i < from->size(); ++i) {
      physics::set_lane((*to)[i], lane, (*from)[i]);
    }
  }
  d.has_applied = true;
}

template <class Number, class R>
std::vector<Number> read(const physics::Array<R>& from, int lane) {
  std::vector<Number> values;
  for (const R& x : from) {
    values.push_back(physics::lane(x, lane));
  }
  return values;
}

template <class Number>
using Stages = std::map<std::string, std::vector<std::vector<Number>>>;

/// What the stages before the solver leave, stage by stage.
template <class Number, class R>
Stages<Number> stages_of(const PhysicsData<R>& d, int lane) {
  const auto all = [&](const auto&... arrays) {
    return std::vector<std::vector<Number>>{read<Number>(arrays, lane)...};
  };
  return {{"position", all(d.xpos, d.xmat, d.xipos, d.geom_xpos, d.geom_xmat, d.site_xpos,
                           d.subtree_com, d.cdof, d.cinert, d.ten_length, d.actuator_length)},
          {"M", all(d.M)},
          {"velocity", all(d.cvel, d.cdof_dot, d.ten_velocity, d.actuator_velocity)},
          {"force", all(d.qfrc_passive, d.qfrc_bias, d.actuator_force, d.qfrc_actuator,
                        d.qfrc_smooth, d.act_dot)},
          {"qacc_smooth", all(d.qacc_smooth)}};
}

/// What the solver and a step leave.
template <class R>
std::vector<std::vector<float>> results_of(const PhysicsData<R>& d, int lane) {
  std::vector<std::vector<float>> results;
  for (const auto* array :
       {&d.qacc, &d.qfrc_constraint, &d.qpos, &d.qvel, &d.act, &d.qacc_warmstart, &d.sensordata}) {
    results.push_back(read<float>(*array, lane));
  }
  return results;
}

/// The constraints of one world of a pack, as a problem in double.
template <class R>
void copy_problem(const PhysicsData<R>& from, int lane, PhysicsData<double>& to) {
  const auto copy = [&](const physics::Array<R>& source, physics::Array<double>& target) {
    std::ranges::transform(source, target.begin(),
                           [&](const R& x) { return physics::lane(x, lane); });
  };
  const auto& rows = from.dof_rows;
  to.dof_rows.num = rows.num;
  to.dof_rows.num_friction = rows.num_friction;
  std::ranges::copy(rows.dof, to.dof_rows.dof.begin());
  copy(rows.sign, to.dof_rows.sign);
  copy(rows.D, to.dof_rows.D);
  copy(rows.aref, to.dof_rows.aref);
  copy(rows.frictionloss, to.dof_rows.frictionloss);
  const auto& blocks = from.blocks;
  to.blocks.num = blocks.num;
  to.blocks.num_rows = blocks.num_rows;
  for (int b = 0; b < blocks.num; ++b) {
    const auto& x = blocks.block[b];
    to.blocks.block[b] = {x.kind, x.contact, x.dim, x.num_columns, x.columns, x.row, x.J, x.H};
  }
  copy(blocks.J, to.blocks.J);
  copy(blocks.D, to.blocks.D);
  copy(blocks.aref, to.blocks.aref);
  copy(blocks.mu, to.blocks.mu);
  copy(blocks.friction, to.blocks.friction);
  copy(from.M, to.M);
  copy(from.qfrc_smooth, to.qfrc_smooth);
  copy(from.qacc, to.qacc);
}

/// ||M qacc - qfrc_smooth - J' force(qacc)|| / (||qfrc_smooth|| + ||J' force||) in double.
double kkt_residual(const physics::PhysicsModel<double>& m, PhysicsData<double>& d) {
  const Mask all(true);
  physics::find_live(d, all);
  physics::mul_M(m, d, d.qacc.data(), d.Ma.data());
  physics::mul_J(d, d.qacc.data(), true, d.dof_rows.jar.data(), d.blocks.jar.data());
  const double residual = physics::update_gradient(m, d, all);
  return residual /
         (mju_norm(d.qfrc_smooth.data(), m.nv) + mju_norm(d.qfrc_constraint.data(), m.nv) + 1e-9);
}

/// Whether both found the same points of contact.
template <class R>
bool same_contacts(const PhysicsData<double>& expected, const PhysicsData<R>& actual, int lane) {
  std::map<int, int> found;  // by slot
  for (int i = 0; i < actual.contact.num; ++i) {
    if (physics::lane(actual.contact.active[i], lane)) {
      found[actual.contact.slot[i]] = i;
    }
  }
  bool same = found.size() == static_cast<std::size_t>(expected.contact.num);
  for (int i = 0; same && i < expected.contact.num; ++i) {
    const auto other = found.find(expected.contact.slot[i]);
    same = other != found.end();
    for (int k = 0; same && k < 3; ++k) {
      const double pos = physics::lane(actual.contact.pos[3 * other->second + k], lane);
      same = std::abs(pos - expected.contact.pos[3 * i + k]) < 1e-3;
    }
    for (int k = 0; same && k < 9; ++k) {  // of axes that cross, only rounding knows the normal
      const double axis = physics::lane(actual.contact.frame[9 * other->second + k], lane);
      same = std::abs(axis - expected.contact.frame[9 * i + k]) < 1e-2;
    }
  }
  return same;
}

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size()) - 1.0;
  return values.empty() ? 0.0 : values[static_cast<std::size_t>(q * last)];
}

double largest_difference(const std::vector<double>& expected, const std::vector<double>& actual,
                          double scale) {
  double worst = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::abs(expected[i] - actual[i]);
    worst = error <= worst ? worst : error;  // a NaN counts
  }
  return worst / scale;
}

double largest(const physics::Array<double>& values) {
  double most = 0.0;
  for (const double x : values) {
    most = std::max(most, std::abs(x));
  }
  return most;
}

struct Errors {
  std::map<std::string, double> worst;   ///< of the stages before the solver
  std::vector<double> kkt, force, qacc;  ///< per state
  int num_ties = 0;                      ///< states in which float saw other contacts
};

template <class R>
Errors compare(const mjModel& m, const std::vector<State>& states) {
  auto physics = sim::make_physics<double>(m);
  const auto float_physics = sim::make_physics<float>(m);
  physics.model.tolerance = 1e-12;
  PhysicsMemory<double> reference(physics), problem(physics);
  PhysicsMemory<R> pack(float_physics);
  Errors errors;
  for (int first = 0; first < kStates; first += kWidthOf<R>) {
    for (int lane = 0; lane < kWidthOf<R>; ++lane) {
      write(pack, lane, states[static_cast<std::size_t>(first + lane)]);
    }
    physics::forward(float_physics.model, pack);
    for (int lane = 0; lane < kWidthOf<R>; ++lane) {
      write(reference, 0, states[static_cast<std::size_t>(first + lane)]);
      physics::forward(physics.model, reference);
      const Stages<double> found = stages_of<double>(pack, lane);
      for (const auto& [stage, arrays] : stages_of<double>(reference, 0)) {
        double& worst = errors.worst[stage];
        for (std::size_t i = 0; i < arrays.size(); ++i) {
          const auto count = static_cast<std::int64_t>(arrays[i].size());
          const double error = relative_error(arrays[i].data(), found.at(stage)[i].data(), count);
          worst = error <= worst ? worst : error;
        }
      }
      copy_problem(pack, lane, problem);
      errors.kkt.push_back(kkt_residual(physics.model, problem));
      if (!same_contacts(reference, pack, lane)) {
        ++errors.num_ties;
        continue;
      }
      const double forces =
          std::max(largest(reference.qfrc_constraint), largest(reference.qfrc_smooth));
      errors.force.push_back(largest_difference(read<double>(reference.qfrc_constraint, 0),
                                                read<double>(pack.qfrc_constraint, lane),
                                                std::max(forces, 1e-9)));
      errors.qacc.push_back(largest_difference(read<double>(reference.qacc, 0),
                                               read<double>(pack.qacc, lane),
                                               std::max(largest(reference.qacc), 1e-9)));
    }
  }
  return errors;
}

void print(const std::string& name, const Errors& e) {
  std::printf("%-34s", name.substr(name.size() > 33 ? name.size() - 33 : 0).c_str());
  for (const char* stage : {"position", "M", "velocity", "force", "qacc_smooth"}) {
    std::printf(" %s %.0e", stage, e.worst.at(stage));
  }
  for (const auto& [what, values] :
       {std::pair{"kkt", e.kkt}, std::pair{"force", e.force}, std::pair{"qacc", e.qacc}}) {
    std::printf(" | %s %.0e %.0e %.0e", what, quantile(values, 0.5), quantile(values, 0.99),
                quantile(values, 1.0));
  }
  std::printf(" | ties %d\n", e.num_ties);
}

class PhysicsFloatTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PhysicsFloatTest, StaysNearDouble) {
  const sim::ModelPtr m = load(GetParam());
  const Errors errors = compare<FloatPack<16>>(*m, random_states(*m));
  if (std::getenv("FLEET_PARITY_TABLE") != nullptr) {
    print(GetParam(), errors);
  }
  for (const auto& [stage, tolerance] : kTolerances) {
    EXPECT_LE(errors.worst.at(stage), tolerance) << stage;
  }
  EXPECT_LE(quantile(errors.kkt, 0.5), 1e-5);
  EXPECT_LE(quantile(errors.kkt, 1.0), 1e-3);
  EXPECT_LE(quantile(errors.force, 0.99), 1e-4);
  EXPECT_LE(quantile(errors.qacc, 0.99), 2e-4);
  EXPECT_LE(quantile(errors.force, 1.0), 3e-3);  // where a contact just begins to slide or to part
  EXPECT_LE(quantile(errors.qacc, 1.0), 3e-3);
  EXPECT_LE(errors.num_ties, kStates / 10);
}

/// One world's results after a forward and a step.
struct Bits {
  Stages<float> stages;
  std::vector<std::vector<float>> results;
};

void expect_same(const Bits& a, const Bits& b, const std::string& what) {
  for (const auto& [stage, arrays] : a.stages) {
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      EXPECT_TRUE(testing::same_bits(arrays[i], b.stages.at(stage)[i]))
          << what << ": " << stage << ' ' << i;
    }
  }
  for (std::size_t i = 0; i < a.results.size(); ++i) {
    EXPECT_TRUE(testing::same_bits(a.results[i], b.results[i])) << what << ": result " << i;
  }
}

/// The bits of every lane when the lanes hold these states.
template <class R>
std::vector<Bits> run(const physics::Physics<float>& physics, const std::vector<State>& states) {
  PhysicsMemory<R> pack(physics);
  std::vector<Bits> bits;
  for (int lane = 0; lane < kWidthOf<R>; ++lane) {
    write(pack, lane, states[static_cast<std::size_t>(lane)]);
  }
  physics::step(physics.model, pack);
  physics::step(physics.model, pack);
  for (int lane = 0; lane < kWidthOf<R>; ++lane) {
    bits.push_back({stages_of<float>(pack, lane), results_of(pack, lane)});
  }
  return bits;
}

TEST_P(PhysicsFloatTest, BitsDependNeitherOnWidthNorOnLaneNorOnNeighbours) {
  const sim::ModelPtr m = load(GetParam());
  const auto physics = sim::make_physics<float>(*m);
  const std::vector<State> states = random_states(*m);
  for (int first = 0; first < kStates; first += 16) {
    const std::vector<State> sixteen(states.begin() + first, states.begin() + first + 16);
    const std::vector<Bits> expected = run<FloatPack<16>>(physics, sixteen);
    for (int half = 0; half < 2; ++half) {
      const std::vector<State> eight(sixteen.begin() + 8 * half, sixteen.begin() + 8 * half + 8);
      const std::vector<Bits> found = run<FloatPack<8>>(physics, eight);
      for (int lane = 0; lane < 8; ++lane) {
        expect_same(expected[8 * half + lane], found[lane], "8 lanes");
      }
    }
    std::vector<State> turned = sixteen;
    std::rotate(turned.begin(), turned.begin() + 5, turned.end());
    const std::vector<Bits> moved = run<FloatPack<16>>(physics, turned);
    for (int lane = 0; lane < 16; ++lane) {
      expect_same(expected[(lane + 5) % 16], moved[lane], "another lane");
    }
    std::vector<State> mixed = sixteen;  // every second lane keeps its state
    for (int lane = 1; lane < 16; lane += 2) {
      mixed[lane] = states[(first + 16 + lane) % kStates];
    }
    std::ranges::fill(mixed[3].qvel, std::numeric_limits<float>::quiet_NaN());
    std::ranges::fill(mixed[9].qpos, std::numeric_limits<float>::quiet_NaN());
    std::ranges::fill(mixed[11].ctrl, std::numeric_limits<float>::infinity());
    const std::vector<Bits> among = run<FloatPack<16>>(physics, mixed);
    for (int lane = 0; lane < 16; lane += 2) {
      expect_same(expected[lane], among[lane], "other neighbours");
    }
    if (HasFailure()) {
      break;
    }
  }
}

std::string case_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(info.param.find_last_of('/') + 1);
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return std::to_string(info.index) + "_" + name;
}

INSTANTIATE_TEST_SUITE_P(Models, PhysicsFloatTest, ::testing::ValuesIn(testing::all_models()),
                         case_name);

}  // namespace
}  // namespace fleet
