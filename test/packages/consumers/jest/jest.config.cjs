// The shortest set-up of ts-jest: no transformIgnorePatterns, so that node_modules is taken as it is.
module.exports = { transform: { '\\.[jt]s$': 'ts-jest' } }
