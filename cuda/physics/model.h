#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cuda/host_device.h"

// A model as the engine sees it: MuJoCo's names, plain arrays, only what the engine supports. Filled
// from an mjModel by sim/physics_model.h, which refuses everything else by name.

namespace fleet::physics {

enum class Integrator { kEuler, kImplicitFast, kRungeKutta };
enum class Joint { kFree, kBall, kSlide, kHinge };
enum class GeomType { kPlane, kSphere, kCapsule, kEllipsoid, kCylinder, kBox };
enum class Transmission { kJoint, kTendon, kSite };
enum class Dynamics { kNone, kIntegrator, kFilter, kFilterExact };
enum class Gain { kFixed, kAffine };
enum class Bias { kNone, kAffine };
enum class Stage { kPos = 1, kVel, kAcc };

/// What a sensor reads; MuJoCo's sensors of the same names.
enum class Sensor {
  kTouch, kAccelerometer, kVelocimeter, kGyro, kForce, kTorque, kMagnetometer,
  kJointPos, kJointVel, kTendonPos, kTendonVel, kActuatorPos, kActuatorVel, kActuatorForce,
  kJointActuatorForce, kTendonActuatorForce, kBallQuat, kBallAngVel,
  kJointLimitPos, kJointLimitVel, kJointLimitForce,
  kFramePos, kFrameQuat, kFrameXAxis, kFrameYAxis, kFrameZAxis, kFrameLinVel, kFrameAngVel,
  kFrameLinAcc, kFrameAngAcc, kSubtreeCom, kSubtreeLinVel, kSubtreeAngMom, kInsideSite, kContact,
};
/// What a sensor is attached to. kBody is the inertial frame, kXBody the body's own, as in MJCF.
enum class Object { kNone, kBody, kXBody, kGeom, kSite, kJoint, kTendon, kActuator };

/// How a contact's friction follows from those of its two geoms.
enum class FrictionRule { kLarger, kFirst, kSecond, kOfPair };

/// Two geoms that may touch, in MuJoCo's order of contacts: by body pair, then by geom.
template <class T>
struct GeomPair {
  int geom1 = 0, geom2 = 0;  ///< type of geom1 <= type of geom2, as in mjContact
  int body1 = 0, body2 = 0;
  int first_slot = 0, num_slots = 0;  ///< a slot is a (pair, point)
  int condim = 3;
  FrictionRule friction_rule = FrictionRule::kLarger;
  std::array<T, 5> friction{};        ///< for kOfPair: slide, slide, spin, roll, roll
  std::array<T, 2> solref{}, solreffriction{};
  std::array<T, 5> solimp{};
  T margin{}, gap{};                  ///< m
  int column_adr = 0, num_columns = 0;  ///< of pair_columns: dofs that move one body, not the other
};

/// Two joints, or two fixed tendons, whose lengths depend on each other; or one of fixed length.
template <class T>
struct Coupling {
  bool of_tendons = false;
  int id1 = 0, id2 = -1;         ///< joints or tendons; -1: a constant
  T rest1{}, rest2{};            ///< lengths in qpos0
  std::array<T, 5> polycoef{};   ///< length1 - rest1 is this polynomial of length2 - rest2
  std::array<T, 2> solref{};
  std::array<T, 5> solimp{};
  int column_adr = 0, num_columns = 0;  ///< of coupling_columns: dofs that change a length
};

/// What of a pair the broad phase reads, close together in memory.
template <class T>
struct PairBounds {
  int geom1 = 0, geom2 = 0;
  T distance{};           ///< m, between centres, or from the plane, at which contacts begin
  bool is_plane = false;  ///< geom1 is one
};

/// A model's sizes and options.
template <class T>
struct PhysicsOptions {
  int nq = 0, nv = 0, nu = 0, na = 0, nbody = 0, njnt = 0, ngeom = 0, nsite = 0, ntendon = 0;
  int nC = 0;      ///< entries of M: one row per dof, its ancestors and itself
  int nslot = 0;   ///< over all pairs
  int nwrap = 0;   ///< entries of all fixed tendons
  int nsensor = 0, nsensordata = 0;

  Integrator integrator = Integrator::kEuler;
  bool elliptic = false;
  bool warmstart = true, refsafe = true, filter_parent = true, clamp_ctrl = true, eulerdamp = true;
  bool contacts = true, limits = true, frictionloss = true, actuation = true, gravity_on = true;
  bool springs = true, dampers = true;
  bool has_damping = false;   ///< some dof_damping is not zero
  bool has_gravcomp = false;  ///< some body_gravcomp is not zero, and gravity is on
  T timestep{}, impratio{}, tolerance{}, ls_tolerance{}, density{}, viscosity{};
  std::array<T, 3> gravity{}, wind{}, magnetic{};
  int iterations = 0, ls_iterations = 0;
  bool needs_subtree_vel = false, needs_rne_post_constraint = false;  ///< for some sensor
};

/// Vector holds the arrays: std::vector owns them; Array is for memory of somebody else's, such as
/// a device's.
template <class T, template <class...> class Vector = std::vector>
struct PhysicsModel : PhysicsOptions<T> {
  Vector<int> body_parentid, body_rootid, body_jntnum, body_jntadr, body_dofnum, body_dofadr;
  Vector<int> body_lastdof;                      ///< the last dof that moves it; -1: none
  Vector<T> body_pos, body_quat, body_gravcomp;  // (nbody x 3, 4, 1)
  Vector<int> fluid_bodies;  ///< that move in a fluid; none where there is no fluid
  Vector<int> free_bodies;   ///< whose tree has no other joint, if the integrator minds

  Vector<int> jnt_type, jnt_qposadr, jnt_dofadr, jnt_bodyid;
  Vector<std::uint8_t> jnt_limited, jnt_actfrclimited, jnt_actgravcomp;
  Vector<T> jnt_pos, jnt_axis, jnt_stiffness, jnt_range, jnt_actfrcrange;  // (njnt x 3, 3, 1, 2, 2)
  Vector<T> jnt_margin, jnt_solref, jnt_solimp;                            // (njnt x 1, 2, 5)
  Vector<T> qpos0, qpos_spring;                                            // (nq)

  Vector<int> dof_bodyid, dof_jntid, dof_parentid;
  Vector<int> dof_free;                       // (nv) its place in free_bodies, or -1
  Vector<int> dof_index;                      // (nv) 0, 1, 2, ...: columns of a joint's block
  Vector<T> dof_solref, dof_solimp;           // (nv x 2, 5)
  Vector<std::uint8_t> dof_has_frictionloss;  // (nv) in any world
  Vector<int> M_rownnz, M_rowadr, M_colind;   // (nv, nv, nC) columns ascending, the last: i

  Vector<int> geom_type, geom_bodyid;                     // type -1: a shape for pictures only
  Vector<T> geom_pos, geom_quat, geom_size, geom_rbound;  // (ngeom x 3, 4, 3, 1)
  Vector<int> site_bodyid, site_type;
  Vector<T> site_pos, site_quat, site_size;  // (nsite x 3, 4, 3)

  Vector<int> tendon_adr, tendon_num;  // fixed tendons: entries of wrap_*
  Vector<int> wrap_dof, wrap_qpos;     // (nwrap)
  Vector<T> wrap_coef;                 // (nwrap)
  Vector<std::uint8_t> tendon_limited, tendon_actfrclimited;
  Vector<T> tendon_range, tendon_margin, tendon_solref_lim,
      tendon_solimp_lim;                                                // (ntendon x 2, 1, 2, 5)
  Vector<T> tendon_frictionloss, tendon_solref_fri, tendon_solimp_fri;  // (ntendon x 1, 2, 5)
  Vector<T> tendon_stiffness, tendon_damping, tendon_lengthspring;      // (ntendon x 1, 1, 2)
  Vector<T> tendon_armature, tendon_invweight0, tendon_actfrcrange;     // (ntendon x 1, 1, 2)

  Vector<int> actuator_trntype, actuator_trnid, actuator_trnid2, actuator_dyntype;
  Vector<int> actuator_gaintype, actuator_biastype, actuator_actadr;  // actadr: -1 if stateless
  Vector<std::uint8_t> actuator_ctrllimited, actuator_forcelimited, actuator_actlimited;
  Vector<std::uint8_t> actuator_actearly;
  Vector<T> actuator_gear, actuator_ctrlrange, actuator_actrange,
      actuator_dynprm;            // (nu x 6, 2, 2, 1)
  Vector<T> actuator_forcerange;  // (nu x 2)
  Vector<T> actuator_exact_step;  // (nu) s, tau (1 - exp(-timestep / tau)): for kFilterExact
  // Dofs that an actuator can move, ascending: (nu + 1), then one entry per number of its moment.
  Vector<int> moment_rowadr, moment_colind;

  Vector<GeomPair<T>> pairs;
  Vector<PairBounds<T>> pair_bounds;
  Vector<int> pair_columns;
  Vector<int> pair_signs;  ///< per column: +1 where the dof moves body2, -1 body1

  Vector<Coupling<T>> couplings;
  Vector<int> coupling_columns;              ///< ascending within a coupling
  Vector<T> coupling_coef1, coupling_coef2;  ///< per column: how the dof changes each length

  // Sensors: what they are of is resolved at load. type: Sensor; stage: Stage; objtype: Object.
  Vector<int> sensor_type, sensor_stage, sensor_objtype, sensor_objid, sensor_reftype;
  Vector<int> sensor_refid, sensor_dim, sensor_adr, sensor_intprm;  // intprm: (nsensor x 3)
  Vector<T> sensor_cutoff;                                          // 0: none
  Vector<std::uint8_t> sensor_positive;  // the cutoff is for large values only
  /// For sensors of contacts, by pair: whether it counts, 1 or -1, and then from which side.
  Vector<int> sensor_match_adr;  // (nsensor) first number of sensor_match, or -1
  Vector<std::int8_t> sensor_match;
};

/// Model numbers that may differ from world to world; MuJoCo's names and shapes.
/// Those marked derived follow from the others (mj_setConst).
template <class Array>
struct ModelFields {
  Array body_mass, body_ipos, body_iquat, body_inertia;  // (nbody x 1, 3, 4, 3)
  Array body_subtreemass, body_invweight0;               // (nbody x 1, 2) derived
  Array dof_armature, dof_damping, dof_frictionloss;     // (nv)
  Array dof_invweight0;                                  // (nv) derived
  Array geom_friction;                                   // (ngeom x 3)
  Array actuator_gainprm, actuator_biasprm;              // (nu x 3)

  void fields(auto&& visit) { zip(*this, *this, each(visit)); }
  void fields(auto&& visit) const { zip(*this, *this, each(visit)); }
  /// Calls visit(name, its array in a, its array in b) for each field.
  FLEET_HD static void zip(auto& a, auto& b, auto&& visit) {
    visit("body_mass", a.body_mass, b.body_mass);
    visit("body_ipos", a.body_ipos, b.body_ipos);
    visit("body_iquat", a.body_iquat, b.body_iquat);
    visit("body_inertia", a.body_inertia, b.body_inertia);
    visit("body_subtreemass", a.body_subtreemass, b.body_subtreemass);
    visit("body_invweight0", a.body_invweight0, b.body_invweight0);
    visit("dof_armature", a.dof_armature, b.dof_armature);
    visit("dof_damping", a.dof_damping, b.dof_damping);
    visit("dof_frictionloss", a.dof_frictionloss, b.dof_frictionloss);
    visit("dof_invweight0", a.dof_invweight0, b.dof_invweight0);
    visit("geom_friction", a.geom_friction, b.geom_friction);
    visit("actuator_gainprm", a.actuator_gainprm, b.actuator_gainprm);
    visit("actuator_biasprm", a.actuator_biasprm, b.actuator_biasprm);
  }

 private:
  static auto each(auto& visit) {
    return [&visit](const char* name, auto& array, auto&) { visit(name, array); };
  }
};

/// A model and the values of its fields where no world has its own.
template <class T>
struct Physics {
  PhysicsModel<T> model;
  ModelFields<std::vector<T>> fields;
};

}  // namespace fleet::physics
