// What somebody must look at. The queries are the saved ones of infra/queries, so that an alert and the workbook agree.
@description('Part of every name.')
param token string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Application Insights.')
param insightsId string

@description('Address that is told; empty for nobody.')
param email string

@description('Denied visits at one kiosk within an hour.')
param deniedVisits int

var rules = [
  {
    name: 'denials'
    title: 'Many denied visits at one kiosk'
    query: loadTextContent('../queries/denials.kql')
    column: 'denied'
    dimension: 'kiosk'
    aggregation: 'Total'
    threshold: deniedVisits
    severity: 2
    window: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'poison'
    title: 'A recording could not be analysed and lies on the poison queue'
    query: loadTextContent('../queries/poison.kql')
    column: 'blobs'
    dimension: ''
    aggregation: 'Total'
    threshold: 1
    severity: 1
    window: 'PT5M'
    every: 'PT5M'
  }
  {
    name: 'failures'
    title: 'Requests fail'
    query: loadTextContent('../queries/failures.kql')
    column: 'failed'
    dimension: 'name'
    aggregation: 'Total'
    threshold: 5
    severity: 1
    window: 'PT5M'
    every: 'PT5M'
  }
  {
    name: 'latency'
    title: 'Kiosks wait longer than two seconds'
    query: loadTextContent('../queries/latency.kql')
    column: 'p95'
    dimension: 'name'
    aggregation: 'Average'
    threshold: 2000
    severity: 2
    window: 'PT15M'
    every: 'PT5M'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-atm-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'Face ATM'
    emailReceivers: [
      {
        name: 'operations'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [for item in rules: {
  name: 'alert-atm-${item.name}-${token}'
  location: location
  tags: tags
  properties: {
    displayName: item.title
    enabled: true
    severity: item.severity
    scopes: [insightsId]
    windowSize: item.window
    evaluationFrequency: item.every
    criteria: {
      allOf: [
        {
          query: item.query
          timeAggregation: item.aggregation
          metricMeasureColumn: item.column
          dimensions: empty(item.dimension) ? [] : [
            {
              name: item.dimension
              operator: 'Include'
              values: ['*']
            }
          ]
          operator: 'GreaterThanOrEqual'
          threshold: item.threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    actions: {
      actionGroups: empty(email) ? [] : [people.id]
    }
  }
}]
